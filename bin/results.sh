# shellcheck shell=sh
# Counts of surefire's reports, for bin/test and bin/conformance. Sourced, not run; the caller is in the repository's root.

passed=0
failed=0
skipped=0

# forget_results: removes the reports of earlier runs, which would be counted again.
forget_results() {
    rm -rf ./*/target/surefire-reports ./*/target/conformance
}

# count_results LOG: adds the reports' tests to passed, failed and skipped; prints the failures as Maven's log sums them up.
count_results() {
    sed -n "s/^\\[ERROR\\]   \\([A-Z][A-Za-z0-9]*[.:]\\)/FAILED: \\1/p" "$1" | sort -u
    for report in ./*/target/surefire-reports/TEST-*.xml; do
        [ -r "$report" ] || continue
        # The attributes of the root element, one a line.
        suite=$(sed -n '/<testsuite /{s/.*<testsuite //;s/>.*//;p;q;}' "$report" | tr ' ' '\n')
        tests=$(attribute tests "$suite")
        bad=$(($(attribute failures "$suite") + $(attribute errors "$suite")))
        skips=$(attribute skipped "$suite")
        passed=$((passed + tests - bad - skips))
        failed=$((failed + bad))
        skipped=$((skipped + skips))
    done
}

attribute() {
    value=$(printf '%s\n' "$2" | sed -n "s/^$1=\"\([0-9]*\)\".*/\1/p" | head -n 1)
    printf '%s' "${value:-0}"
}

# print_results: the closing line; fails when a test failed or none ran.
print_results() {
    printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
