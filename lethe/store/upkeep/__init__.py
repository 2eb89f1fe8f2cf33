"""What is counted and looked for in the background."""
