"""What an organisation has to know, shown in the portal."""
