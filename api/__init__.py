"""The JSON edge: one gate, five products, schemas, versions, the event catalogue and OpenAPI."""
