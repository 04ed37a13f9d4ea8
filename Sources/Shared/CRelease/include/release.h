#pragma once
/// The content of the file VERSION.
const char *handover_version(void);
/// The commit that the build was told by HANDOVER_COMMIT, or an empty string.
const char *handover_commit(void);
/// What the checkout's .git/HEAD holds, or an empty string.
const char *handover_git_head(void);
/// What the checkout's branch main points at, or an empty string.
const char *handover_git_main(void);
