"""Writes tree-util.json for ../tree-util.test.ts: leaves by is_leaf, paths, and structures. Run: python tree-util.py (needs jax 0.10)."""
import json
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.pop(0)  # files here have the names of standard modules
import jax
import jax.tree_util as tu

TREES = [1, None, [], {}, [1], [1, [2, 3]], {"a": 4, "b": [5, None]}, [[6, 7], [8], None, {"c": [9, 10]}]]
STOPS = {
    "never": lambda x: False,
    "none": lambda x: x is None,
    "pairs": lambda x: isinstance(x, list) and len(x) == 2,
    "objects": lambda x: isinstance(x, dict),
}


def described(tree):
    treedef = tu.tree_structure(tree)
    stopped = {name: {
        "leaves": tu.tree_leaves(tree, is_leaf=stop),
        "map": tu.tree_map(lambda x: [x, "seen"], tree, is_leaf=stop),
        "names": tu.tree_map_with_path(
            lambda path, x: tu.keystr(path, simple=True, separator="/"), tree, is_leaf=stop),
        "broadcast": tu.tree_broadcast(tu.tree_map(lambda x: "x", tree, is_leaf=stop), tree),
        "allLeaves": tu.all_leaves(tree, is_leaf=stop) if isinstance(tree, list) and not stop(tree) else None,
    } for name, stop in STOPS.items()}
    return {
        "tree": tree,
        "isLeaf": tu.treedef_is_leaf(treedef),
        "children": [c.num_leaves for c in tu.treedef_children(treedef)],
        "tuple": tu.treedef_tuple([treedef, treedef]).num_leaves,
        "stopped": stopped,
    }


with open(os.path.join(here, "tree-util.json"), "w") as file:
    json.dump({"made by": {"jax": jax.__version__}, "cases": [described(t) for t in TREES]}, file, indent=1)
