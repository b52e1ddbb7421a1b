import { useApp } from "../core/context.ts";
import { param } from "../core/route.ts";
import { Skeleton } from "../ui/message.tsx";
import { FeedList } from "./feed-list.tsx";

/** Everything of all sessions as it happens; it collects from the page's start, so that a visit shows what was. */
export function FeedPage() {
  const { feed, live, transcriptFeed } = useApp();
  const missing = feed.missing.value;
  const isStarting = live.status.value.state !== "live" && feed.received.value === 0;
  return (
    <div class="feed-page">
      <h1 class="visually-hidden">Feed</h1>
      {missing > 0 && (
        <p class="notice" role="status">
          {missing === 1 ? "1 event is" : `${missing} events are`} missing here: the service could
          not send what came between.
        </p>
      )}
      {isStarting ? (
        <Skeleton label="Waiting for the feed" />
      ) : (
        <FeedList
          store={param("kind") === "transcript" ? transcriptFeed : feed}
          showsSession
          empty="No event yet, or none that matches. What agents record appears here."
        />
      )}
    </div>
  );
}
