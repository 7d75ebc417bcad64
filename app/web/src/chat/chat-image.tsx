import { useImage } from './use-image.ts';

/** A picture in a bubble; it opens in full in a tab of its own. */
export function ChatImage({
  imageId,
  sentKey,
  alt,
}: {
  imageId: string;
  sentKey: string | null;
  alt: string;
}) {
  const image = useImage(imageId, sentKey);
  if (image === 'failed') return <p className="picture picture-failed">This picture could not be loaded.</p>;
  if (image === 'loading')
    return <div className="picture picture-loading" role="img" aria-label="Loading the picture" />;
  return (
    <a
      className="picture"
      href={image.url}
      target="_blank"
      rel="noreferrer"
      aria-label={`${alt}, open in full`}
    >
      <img src={image.url} alt={alt} />
    </a>
  );
}
