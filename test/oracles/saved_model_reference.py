"""Loads a SavedModel, calls its signature with the tensors of a JSON file, prints what it returns. Arguments: folder, JSON file."""
import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
try:
    import numpy as np
    import tensorflow as tf
except ImportError as error:
    print(error, file=sys.stderr)
    sys.exit(3)

folder, inputs = sys.argv[1:]
signature = tf.saved_model.load(folder).signatures["serving_default"]
with open(inputs) as file:
    given = {name: tf.constant(np.array(values, dtype).reshape(shape)) for name, (dtype, shape, values) in json.load(file).items()}
outputs = {name: [str(value.dtype.name), value.shape.as_list(), value.numpy().ravel().tolist()] for name, value in signature(**given).items()}
print(json.dumps(outputs))
