"""What can be done with a service after it was created, as plans: pure, for blocking and asyncio callers alike.

Generators and values only: sending, pausing and calling the service belong to whoever runs a plan.
"""
