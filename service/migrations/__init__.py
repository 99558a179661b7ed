"""How the tables came about, one file a step; `service.migrations.schema` applies them."""
