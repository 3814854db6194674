"""What versions had said about a signal before the archive decided, and how right they were."""
