"""The kinds of door behind `access.door.Door`, a module for each: `choose.open_door` tells them apart by their address.

What an adapter needs of other libraries it imports where it uses it: most doors need none of them.
"""
