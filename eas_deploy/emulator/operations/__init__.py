"""The operations of the emulated products: one function each, from a call to its answer."""
