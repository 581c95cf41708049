package dev.lectern.pipeline.conf;

import dev.lectern.pipeline.ExitCode;
import dev.lectern.pipeline.JobException;
import java.util.LinkedHashMap;
import java.util.List;

/// One `--set a.b=value`.
///
/// @param names the key's names from the top; a task is named by its position or its name
/// @param where how messages call it
record JobOverride(List<String> names, YamlNode value, String where) {
    JobOverride {
        names = List.copyOf(names);
    }

    static JobOverride parse(String text) {
        int equals = text.indexOf('=');
        String where = "--set " + text;
        List<String> names = equals < 1
                ? List.of()
                : List.of(text.substring(0, equals).strip().split("\\.", -1));
        if (names.isEmpty() || names.stream().anyMatch(String::isBlank)) {
            throw new JobException(
                    ExitCode.USAGE, where + ": expected key=value, such as --set context.maxTokens=8192");
        }
        return new JobOverride(names, YamlNode.parse(text.substring(equals + 1), where, true), where);
    }

    void applyTo(YamlNode.Mapping top) {
        YamlNode.Mapping section = top;
        int i = 0;
        while (i < names.size() - 1) {
            String name = names.get(i);
            YamlNode below = section.entries().get(name);
            if (below instanceof YamlNode.Sequence sequence) {
                section = item(sequence, name, names.get(i + 1));
                i += 2;
                if (i == names.size()) {
                    throw new JobException(ExitCode.USAGE, where + ": names a whole task; name one of its keys");
                }
                continue;
            }
            if (!(below instanceof YamlNode.Mapping)) {
                // An unknown section is reported with all other unknown keys, once everything is in place.
                below = new YamlNode.Mapping(new LinkedHashMap<>(), where);
                section.entries().put(name, below);
            }
            section = (YamlNode.Mapping) below;
            i++;
        }
        section.entries().put(names.getLast(), value);
    }

    private YamlNode.Mapping item(YamlNode.Sequence sequence, String list, String item) {
        for (int i = 0; i < sequence.items().size(); i++) {
            if (sequence.items().get(i) instanceof YamlNode.Mapping mapping) {
                boolean named = mapping.entries().get("name") instanceof YamlNode.Scalar name
                        && name.text().equals(item);
                if (named || item.equals(Integer.toString(i))) {
                    return mapping;
                }
            }
        }
        throw new JobException(
                ExitCode.USAGE,
                where + ": '" + list + "' has no item '" + item + "'; name it by its name or by its position from 0 to "
                        + (sequence.items().size() - 1));
    }
}
