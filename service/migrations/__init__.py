"""How the tables came about, one file a step; `service.schema` applies them."""
