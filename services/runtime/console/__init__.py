"""The console's parts: questions and their answers in JSON, pages, and what moves on them."""
