package dev.lectern.engine.internal.family;

/// Where a role's weights lie in a file: a tensor, and which of its outputs.
///
/// Output o of the role is output `first + o * step` of the tensor, which has `of` outputs in all.
///
/// @param name       the tensor's name; `{layer}` and `{expert}` are replaced
/// @param transposed whether a row of storage holds all outputs of one input (`x @ W`) instead of all inputs of one
///                   output. Packed types are never stored so, whatever their plain form is: a packed tensor of this
///                   name is read output by output
/// @param first      first output
/// @param step       from one output to the next
/// @param of         outputs of the tensor; 0 for exactly the role's own
public record TensorPart(String name, boolean transposed, int first, int step, int of) {
    static TensorPart whole(String name) {
        return new TensorPart(name, false, 0, 1, 0);
    }

    static TensorPart transposed(String name) {
        return new TensorPart(name, true, 0, 1, 0);
    }

    /// Neighbouring outputs, from `first` on, of a tensor with `of`.
    static TensorPart slice(String name, int first, int of) {
        return new TensorPart(name, false, first, 1, of);
    }

    static TensorPart transposedSlice(String name, int first, int of) {
        return new TensorPart(name, true, first, 1, of);
    }

    public String name(int layer, int expert) {
        return name.replace("{layer}", Integer.toString(layer)).replace("{expert}", Integer.toString(expert));
    }

    /// Whether each expert has a tensor of its own.
    public boolean perExpert() {
        return name.contains("{expert}");
    }
}
