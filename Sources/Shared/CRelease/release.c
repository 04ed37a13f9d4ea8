#include "release.h"

// In C, because the compiler knows then that a file that it embeds was changed: the version has one place, the file
// VERSION, and a commit is told by git's own files. What SwiftPM says of git is kept with the manifest and goes stale.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const char version[] = {
#embed "../../../VERSION" suffix(, )
    0};

static const char head[] = {
#if __has_embed("../../../.git/HEAD") == __STDC_EMBED_FOUND__
#embed "../../../.git/HEAD" limit(256) suffix(, )
#endif
    0};

static const char main_branch[] = {
#if __has_embed("../../../.git/refs/heads/main") == __STDC_EMBED_FOUND__
#embed "../../../.git/refs/heads/main" limit(256) suffix(, )
#endif
    0};

const char *handover_version(void) { return version; }
const char *handover_commit(void) { return HANDOVER_COMMIT; }
const char *handover_git_head(void) { return head; }
const char *handover_git_main(void) { return main_branch; }
