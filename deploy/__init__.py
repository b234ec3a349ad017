"""What puts Parley on a machine: the `parley` command and the embedded servers it starts."""
