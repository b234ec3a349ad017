"""What the classifier looks for, as data: each rule has an id and says what it means."""
