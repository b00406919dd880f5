"""What runs in the environment `oracles`: the programs of others, asked for JSON."""
