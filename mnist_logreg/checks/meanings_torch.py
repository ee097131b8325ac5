"""What torch's errors mean, as a table like that in `meanings_python`."""

import re

OF_TORCH = {
    "NotImplementedError RuntimeError TypeError": {
        r"bitwise_xor": "`^` does not mean a power in Python: write `** 2`",
    },
    "RuntimeError NotImplementedError": {
        r"mean\(\)|Long did not match|[Ii]nput dtype (?:should|must) be either": (
            "whole numbers and truth values have no mean: put `.float()` before "
            "`.mean()`"
        ),
    },
    "NotImplementedError RuntimeError": {
        r"not implemented for '(?:Long|Int|Byte|Bool)'": (
            "this works with decimals, and whole numbers were given. A loss takes the "
            "outputs first, then the labels; `1.0` or `.float()` makes decimals"
        ),
    },
    "ValueError RuntimeError TypeError": {
        r"[Oo]nly one element tensors|elements cannot be converted to Scalar": (
            "a single number is needed there, and this tensor has several. Is "
            "`.mean()`, `.sum()` or an index missing?"
        ),
    },
    "RuntimeError": {
        r"grad can be implicitly created only for scalar outputs": (
            "`backward()` starts from a single number, the loss, and this is a tensor "
            "of many"
        ),
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at "
        r"non-singleton dimension (\d+)": (
            "the shapes do not fit together: {0} against {1} entries in dimension {2}. "
            "Print the `.shape` of both sides"
        ),
        r"mat1 and mat2 shapes cannot be multiplied \((\w+) and (\w+)\)": (
            "matrices of {0} and {1} entries do not fit: the first one's columns must "
            "be as many as the second one's rows. Is an image not flattened? A `.T` "
            "missing?"
        ),
        r"shape '(.*?)' is invalid for input of size (\d+)": (
            "{1} numbers do not fill the shape {0}"
        ),
        r"Boolean value of Tensor with more than one value": lambda line: (
            "`and` and `or` want a single truth value each. For tensors write `&` or "
            "`|`, with brackets round both sides: `(a == 1) & (b == 1)`"
            if re.search(r"\b(and|or)\b", line)
            else "`if`, `min` and `max` of Python want a single number, and this is a "
            "tensor of many. Use the tensor's own: `.min()`, `.max()`, `.argmin()`"
        ),
        r"(?:expected|Expected) .*?(?:type|dtype)|same dtype": (
            "the numbers are of two types. `.float()` makes 32-bit floats, `.long()` "
            "whole numbers"
        ),
        r"at least 1D": (
            "`@` multiplies tables, and one side is a single number. Print both shapes"
        ),
        r"same device|device type": (
            "the tensors are on two devices: add `.cpu()`, or move both with "
            "`.to(device)`"
        ),
        r"does not require grad": (
            "the loss does not depend on anything that learns. Was `.item()` or "
            "`.detach()` taken too early, or is a result not computed from the model?"
        ),
        r"backward through the graph a second time": (
            "`backward()` was called twice for one loss: compute the loss again before"
        ),
        r"leaf Variable|inplace operation|in-place operation": (
            "a number that autograd watches is changed in place. Put the update under "
            "`with torch.no_grad():`"
        ),
        r"requires grad": "autograd watches this tensor: take `.detach()` of it first",
        r"can't be cast to the desired output type Byte": (
            "bytes hold no decimals, and this line would put some into them. Make a "
            "new tensor: `new = old / 255`, not `old /= 255`"
        ),
    },
    "TypeError": {
        r"must be an? int": (
            "a whole number is needed there, such as `dim=1`. A layer of `nn` is made "
            "first, then called: `nn.Softmax(dim=1)(scores)`"
        ),
        r"argument 'keepdim'": (
            "several dimensions need brackets of their own: `.sum(dim=(2, 3))`"
        ),
        r"pic should be PIL": (
            "`ToTensor` takes one picture, and this is a tensor. What does `ToTensor` "
            "do? Do it in your own lines"
        ),
        r"(\w+)\(\) received an invalid combination of arguments": (
            "`{0}` was given something that it does not take. Compare its brackets "
            "with the text: what goes in, and under which name?"
        ),
    },
}
