"""The ground: words that cross a process, or outlive one."""
