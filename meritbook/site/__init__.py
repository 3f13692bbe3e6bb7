"""The product put together: settings, addresses, navigation, home desk, wallet page, API, demo.

Always holds: what mixes contexts lives here and nowhere lower.
"""
