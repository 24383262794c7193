"""What happens to a case, as pure steps: each takes the work at hand and returns the Effects.

Chat commands, timers and the command line all come through here, so the same rules hold whichever way somebody comes.
"""
