"""Django's own administration pages: read-mostly."""
