"""What is asked beside a password."""
