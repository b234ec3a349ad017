"""What an operator starts Parley with elsewhere: written from the code, so that it stays true."""
