"""One file per wire: what it asks for, how it is capped, what it says of usage, how it says no. Pure functions over bytes."""
