"""The deployment procedure: which call, in which order, and what each answer decides.

Generators and values only; nothing here opens a socket, reads a clock or sleeps.
"""
