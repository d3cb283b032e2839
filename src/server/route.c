/* route.c - the one table of what is served. A request's path is looked up here once; the entry decides who may ask and what answers. */
#include "exchange.h"
#include <stdio.h>
#include <string.h>

const struct route routes[] = {
    {"GET", "/", RIGHT_NONE, LANE_NONE, handle_root},
    {"GET", "/health", RIGHT_NONE, LANE_NONE, handle_health},
    {"GET", "/ready", RIGHT_NONE, LANE_NONE, handle_ready},
    {"GET", "/openapi.json", RIGHT_NONE, LANE_NONE, handle_openapi},
    {"GET", "/metrics", RIGHT_MEASURE, LANE_CONTROL, handle_metrics},
    {"GET", "/v1/models", RIGHT_READ, LANE_CONTROL, handle_models},
    {"GET", "/v1/models/{model}", RIGHT_READ, LANE_CONTROL, handle_model},
    {"DELETE", "/v1/models/{model}", RIGHT_WRITE, LANE_WRITE, handle_model_delete},
    {"POST", "/v1/embeddings", RIGHT_READ, LANE_EMBED, handle_embeddings},
    {"POST", "/v1/rerank", RIGHT_READ, LANE_MODEL, handle_rerank},
    {"POST", "/v2/rerank", RIGHT_READ, LANE_MODEL, handle_rerank},
    {"POST", "/v1/moderations", RIGHT_READ, LANE_MODEL, handle_moderations},
    {"POST", "/v1/chat/completions", RIGHT_READ, LANE_ANSWER, handle_chat},
    {"POST", "/v1/completions", RIGHT_READ, LANE_ANSWER, handle_completions},
    {"POST", "/v1/responses", RIGHT_READ, LANE_ANSWER, handle_responses},
    {"POST", "/v1/messages", RIGHT_READ, LANE_ANSWER, handle_messages},
    {"POST", "/v1/messages/count_tokens", RIGHT_READ, LANE_CONTROL, handle_messages_count},
    {"POST", "/mcp", RIGHT_READ, LANE_ANSWER, handle_mcp},
    {"GET", "/v1/me", RIGHT_READ, LANE_CONTROL, handle_me},
    {"GET", "/v1/audit", RIGHT_OWNER, LANE_ANSWER, handle_audit},
    {"GET", "/v1/runs", RIGHT_OWNER, LANE_CONTROL, handle_runs},
    {"GET", "/v1/runs/{run}", RIGHT_OWNER, LANE_CONTROL, handle_run},
    {"GET", "/v1/runs/{run}/page", RIGHT_OWNER, LANE_CONTROL, handle_run_page},
    {"GET", "/v1/adapters", RIGHT_OWNER, LANE_CONTROL, handle_adapters},
    {"POST", "/v1/adapters/{adapter}/promote", RIGHT_OWNER, LANE_CONTROL, handle_adapter_promote},
    {"DELETE", "/v1/adapters/{adapter}", RIGHT_OWNER, LANE_CONTROL, handle_adapter_discard},
    {"GET", "/v1/settings", RIGHT_OWNER, LANE_CONTROL, handle_settings},
    {"POST", "/v1/settings", RIGHT_OWNER, LANE_CONTROL, handle_settings_change},
    {"GET", "/v1/prices", RIGHT_OWNER, LANE_CONTROL, handle_prices},
    {"POST", "/v1/prices", RIGHT_OWNER, LANE_CONTROL, handle_prices_change},
    {"GET", "/v1/labels", RIGHT_OWNER, LANE_CONTROL, handle_labels},
    {"POST", "/v1/labels", RIGHT_OWNER, LANE_CONTROL, handle_labels_change},
    {"GET", "/v1/tasks", RIGHT_OWNER, LANE_CONTROL, handle_tasks},
    {"POST", "/v1/tasks", RIGHT_OWNER, LANE_CONTROL, handle_task_make},
    {"GET", "/v1/tasks/{task}", RIGHT_OWNER, LANE_CONTROL, handle_task},
    {"POST", "/v1/tasks/{task}/cancel", RIGHT_OWNER, LANE_CONTROL, handle_task_cancel},
    {"GET", "/v1/tasks/{task}/output", RIGHT_OWNER, LANE_CONTROL, handle_task_output},
    {"GET", "/v1/tasks/{task}/training", RIGHT_OWNER, LANE_CONTROL, handle_task_training},
    {"GET", "/v1/log", RIGHT_OWNER, LANE_CONTROL, handle_log},
    {"GET", "/v1/log/verify", RIGHT_OWNER, LANE_ANSWER, handle_log_verify},
    {"GET", "/v1/keys", RIGHT_OWNER, LANE_CONTROL, handle_keys},
    {"POST", "/v1/keys", RIGHT_OWNER, LANE_CONTROL, handle_key_make},
    {"POST", "/v1/keys/{key}/revoke", RIGHT_OWNER, LANE_CONTROL, handle_key_revoke},
    {"POST", "/v1/cases", RIGHT_WRITE, LANE_CONTROL, handle_case},
    {"GET", "/v1/cases", RIGHT_OWNER, LANE_CONTROL, handle_cases},
    {"POST", "/v1/cases/{line}", RIGHT_OWNER, LANE_CONTROL, handle_case_change},
    {"POST", "/v1/cases/{line}/remove", RIGHT_OWNER, LANE_CONTROL, handle_case_remove},
    {"POST", "/v1/ask", RIGHT_READ, LANE_ANSWER, handle_ask},
    {"POST", "/v1/search", RIGHT_READ, LANE_SEARCH, handle_search},
    {"GET", "/v1/documents", RIGHT_READ, LANE_CONTROL, handle_documents},
    {"GET", "/v1/documents/{file}", RIGHT_READ, LANE_CONTROL, handle_document},
    {"GET", "/v1/documents/{file}/content", RIGHT_READ, LANE_CONTROL, handle_document_content},
    {"GET", "/v1/documents/{file}/passages", RIGHT_READ, LANE_CONTROL, handle_document_passages},
    {"GET", "/v1/files", RIGHT_READ, LANE_CONTROL, handle_files},
    {"POST", "/v1/files", RIGHT_WRITE, LANE_WRITE, handle_file_upload},
    {"GET", "/v1/files/{file}", RIGHT_READ, LANE_CONTROL, handle_file},
    {"DELETE", "/v1/files/{file}", RIGHT_WRITE, LANE_WRITE, handle_file_delete},
    {"GET", "/v1/files/{file}/content", RIGHT_READ, LANE_CONTROL, handle_file_content},
    {"GET", "/v1/fine_tuning/jobs", RIGHT_WRITE, LANE_CONTROL, handle_tunings},
    {"POST", "/v1/fine_tuning/jobs", RIGHT_WRITE, LANE_WRITE, handle_tuning_make},
    {"GET", "/v1/fine_tuning/jobs/{job}", RIGHT_WRITE, LANE_CONTROL, handle_tuning},
    {"POST", "/v1/fine_tuning/jobs/{job}/cancel", RIGHT_WRITE, LANE_WRITE, handle_tuning_cancel},
    {"POST", "/v1/fine_tuning/jobs/{job}/pause", RIGHT_WRITE, LANE_WRITE, handle_tuning_pause},
    {"POST", "/v1/fine_tuning/jobs/{job}/resume", RIGHT_WRITE, LANE_WRITE, handle_tuning_resume},
    {"GET", "/v1/fine_tuning/jobs/{job}/events", RIGHT_WRITE, LANE_CONTROL, handle_tuning_events},
    {"GET", "/v1/fine_tuning/jobs/{job}/checkpoints", RIGHT_WRITE, LANE_CONTROL, handle_tuning_checkpoints},
    {"POST", "/v1/fine_tuning/alpha/graders/run", RIGHT_WRITE, LANE_ANSWER, handle_grader_run},
    {"POST", "/v1/fine_tuning/alpha/graders/validate", RIGHT_WRITE, LANE_CONTROL, handle_grader_validate},
    {"GET", "/v1/evals", RIGHT_WRITE, LANE_CONTROL, handle_evals},
    {"POST", "/v1/evals", RIGHT_WRITE, LANE_WRITE, handle_eval_make},
    {"GET", "/v1/evals/{eval}", RIGHT_WRITE, LANE_CONTROL, handle_eval},
    {"POST", "/v1/evals/{eval}", RIGHT_WRITE, LANE_WRITE, handle_eval_change},
    {"DELETE", "/v1/evals/{eval}", RIGHT_WRITE, LANE_WRITE, handle_eval_delete},
    {"GET", "/v1/evals/{eval}/runs", RIGHT_WRITE, LANE_CONTROL, handle_eval_runs},
    {"POST", "/v1/evals/{eval}/runs", RIGHT_WRITE, LANE_WRITE, handle_run_make},
    {"GET", "/v1/evals/{eval}/runs/{run}", RIGHT_WRITE, LANE_CONTROL, handle_eval_run},
    {"POST", "/v1/evals/{eval}/runs/{run}", RIGHT_WRITE, LANE_WRITE, handle_eval_run_cancel},
    {"DELETE", "/v1/evals/{eval}/runs/{run}", RIGHT_WRITE, LANE_WRITE, handle_eval_run_delete},
    {"POST", "/v1/evals/{eval}/runs/{run}/cancel", RIGHT_WRITE, LANE_WRITE, handle_eval_run_cancel},
    {"GET", "/v1/evals/{eval}/runs/{run}/output_items", RIGHT_WRITE, LANE_CONTROL, handle_eval_items},
    {"GET", "/v1/evals/{eval}/runs/{run}/output_items/{item}", RIGHT_WRITE, LANE_CONTROL, handle_eval_item},
    {"GET", "/v1/vector_stores", RIGHT_READ, LANE_CONTROL, handle_stores},
    {"POST", "/v1/vector_stores", RIGHT_WRITE, LANE_WRITE, handle_store_make},
    {"GET", "/v1/vector_stores/{store}", RIGHT_READ, LANE_CONTROL, handle_store},
    {"POST", "/v1/vector_stores/{store}", RIGHT_WRITE, LANE_WRITE, handle_store_change},
    {"DELETE", "/v1/vector_stores/{store}", RIGHT_WRITE, LANE_WRITE, handle_store_delete},
    {"POST", "/v1/vector_stores/{store}/search", RIGHT_READ, LANE_SEARCH, handle_store_search},
    {"GET", "/v1/vector_stores/{store}/files", RIGHT_READ, LANE_CONTROL, handle_store_files},
    {"POST", "/v1/vector_stores/{store}/files", RIGHT_WRITE, LANE_WRITE, handle_store_file_add},
    {"GET", "/v1/vector_stores/{store}/files/{file}", RIGHT_READ, LANE_CONTROL, handle_store_file},
    {"POST", "/v1/vector_stores/{store}/files/{file}", RIGHT_WRITE, LANE_WRITE, handle_store_file_change},
    {"DELETE", "/v1/vector_stores/{store}/files/{file}", RIGHT_WRITE, LANE_WRITE, handle_store_file_delete},
    {"GET", "/v1/vector_stores/{store}/files/{file}/content", RIGHT_READ, LANE_CONTROL, handle_store_file_content},
    {"POST", "/v1/vector_stores/{store}/file_batches", RIGHT_WRITE, LANE_WRITE, handle_batch_make},
    {"GET", "/v1/vector_stores/{store}/file_batches/{batch}", RIGHT_WRITE, LANE_CONTROL, handle_batch},
    {"POST", "/v1/vector_stores/{store}/file_batches/{batch}/cancel", RIGHT_WRITE, LANE_WRITE, handle_batch_cancel},
    {"GET", "/v1/vector_stores/{store}/file_batches/{batch}/files", RIGHT_WRITE, LANE_CONTROL, handle_batch_files},
};
const size_t route_count = ARRAY_COUNT(routes);

/* The parts of a path, each decoded. A part that would be read as something else further on is refused. `*is_other`: with a slash in a part, as
 * clients write names of models, or behind the last one it is a path of nothing that is served. */
static bool split_path(struct slice path, struct arena *arena, struct slice parts[ROUTE_PARTS_MAX], size_t *count,
                       bool *is_other)
{
    *is_other = path.size > 1 && path.data[path.size - 1] == '/';
    path.size -= *is_other;
    struct slice rest = slice_range(path, 1, path.size), part;
    *count = 0;
    while (slice_next(&rest, '/', &part)) {
        if (*count == ROUTE_PARTS_MAX || part.size == 0 || !http_decode(part, arena, &part))
            return false;
        bool is_dots = slice_equal_text(part, ".") || slice_equal_text(part, "..");
        if (is_dots || memchr(part.data, '\\', part.size) != NULL)
            return false;
        *is_other = *is_other || memchr(part.data, '/', part.size) != NULL;
        parts[(*count)++] = part;
    }
    return path.size == 1 || path.data[path.size - 1] != '/';
}

/* True when the route's path is of these parts; what stands for braces goes to the match. */
static bool fits(const struct route *route, const struct slice *parts, size_t count, struct route_match *match)
{
    struct slice rest = slice_from(route->path + 1), part;
    size_t at = 0;
    match->part_count = 0;
    while (slice_next(&rest, '/', &part)) {
        if (at == count)
            return false;
        if (part.data[0] == '{')
            match->parts[match->part_count++] = parts[at];
        else if (!slice_equal(part, parts[at]))
            return false;
        at++;
    }
    return at == count;
}

bool route_find(struct slice method, struct slice target, struct arena *arena, struct route_match *match)
{
    struct slice parts[ROUTE_PARTS_MAX], path = target;
    size_t count, mark;
    bool is_other;
    *match = (struct route_match){0};
    if (slice_find(target, '?', &mark)) {
        path = slice_range(target, 0, mark);
        match->query = slice_range(target, mark + 1, target.size);
    }
    if (path.size == 0 || path.data[0] != '/' || !split_path(path, arena, parts, &count, &is_other))
        return false;
    bool is_head = slice_equal_text(method, "HEAD");
    for (size_t i = 0; i < route_count && !is_other; i++) {
        struct route_match tried = *match;
        if (!fits(&routes[i], parts, count, &tried))
            continue;
        if (slice_equal_text(method, routes[i].method) || (is_head && strcmp(routes[i].method, "GET") == 0)) {
            tried.route = &routes[i];
            *match = tried;
            return true;
        }
        size_t used = strlen(match->allowed);
        snprintf(match->allowed + used, sizeof(match->allowed) - used, "%s%s", used > 0 ? ", " : "", routes[i].method);
    }
    return true;
}
