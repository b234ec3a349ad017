"""What is known of each country: its lines, places to turn to, and how care is organised there."""
