<?php
// Whoever has a description in the folder "sp" is trusted.
foreach (glob(getenv('SSP_FOLDER') . '/sp/*.xml') as $file) {
    foreach (SimpleSAML\Metadata\SAMLParser::parseDescriptorsFile($file) as $id => $described) {
        $sp = $described->getMetadata20SP();
        unset($sp['entityDescriptor'], $sp['expire']);
        $sp['assertion.encryption'] = getenv('SSP_ENCRYPTS') === '1';
        $metadata[$id] = $sp;
    }
}
