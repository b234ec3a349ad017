"""What a reply is looked over for, one family a file; rules are rows, not code."""
