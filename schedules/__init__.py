"""What happens because time passed: timers of single cases, periodic jobs, and the tick that claims them."""
