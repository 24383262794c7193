"""The demo (模拟聊天): a sample city, real messages through the simulated edge, a clock that can be moved."""
