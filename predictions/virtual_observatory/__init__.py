"""The catalogue for programs of the Virtual Observatory: a cone search and what it says of
itself."""
