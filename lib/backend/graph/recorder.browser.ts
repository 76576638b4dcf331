// Nothing is recorded in a browser: there is no TensorFlow that could run the recording.

const nothing: { readonly recorder?: undefined } = {};

export const recorderState = (): { readonly recorder?: undefined } => nothing;
