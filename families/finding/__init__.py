"""Finding a family before it is entered twice: the search box and the duplicate check."""
