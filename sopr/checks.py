"""System checks at start-up; filled in as pages and profiles appear."""
