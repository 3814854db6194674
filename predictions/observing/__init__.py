"""What can be observed from a place in a night."""
