export const browsers = async () => [];
