"""What happens because somebody wrote or tapped something: one ordered table of commands, and the report itself."""
