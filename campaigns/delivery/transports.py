"""How a transport is treated that does not work."""

# After a server was not available, before it is asked again.
REST_SECONDS = 30
