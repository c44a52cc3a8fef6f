"""Pages of casework, by act."""
