"""The public documentation: pages made from the data the platform itself runs on. Texts live here, facts do not."""
