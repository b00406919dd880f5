"""The EM420 in a real Home Assistant, seen over HTTP and WebSocket."""
