"""Tests of the node with several processes."""
