"""Mutation tests: faults are made in the code one by one, and the tests have to notice.

`script/mutate` runs them. mutmut makes the faults; its own runner passes over every
function that has a decorator, and with `@override` and `@callback` that is most of ours.
"""
