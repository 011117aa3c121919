"""What the lines of a history cost: sessions of agents joined to the commits that they made. Pure: values in, values out."""
